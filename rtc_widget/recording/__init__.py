"""Recording a call into one file, and replaying it where there is no camera, kernel or network."""
