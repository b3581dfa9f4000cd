"""A CT scanner: rays, spectrum, detector, water correction, filtered back-projection."""
