"""The grapheme-to-phoneme model: a GRU encoder and decoder with attention, trained on CMUdict."""
