"""What models that generate audio sample by sample share."""
