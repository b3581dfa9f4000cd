"""What Calcitrace costs in seconds and memory."""
