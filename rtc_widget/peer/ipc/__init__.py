"""What crosses between the kernel and the media process."""
