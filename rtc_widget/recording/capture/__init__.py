"""Recording a room while the call goes on: into a folder, to which is only ever added."""
