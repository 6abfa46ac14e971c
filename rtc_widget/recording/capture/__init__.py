"""Recording a room while the call goes on, into a folder that is only ever appended to."""
