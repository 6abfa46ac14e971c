"""Frames, encoders and containers: what peers and recordings share."""
