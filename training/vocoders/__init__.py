"""Trains vocoders: a WaveNet and a WaveRNN that turn the same mel spectrograms into speech."""
