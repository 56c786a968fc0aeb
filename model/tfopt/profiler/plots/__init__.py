"""The pictures: one run as a ladder, several runs side by side."""
