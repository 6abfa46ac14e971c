"""Frames, encoders and containers that peers and recordings share."""
