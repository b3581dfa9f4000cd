"""Train the detector: examples, samples, folds, fits."""
