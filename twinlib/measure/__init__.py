"""The mathematics of evaluation: metrics, intervals, folds, thresholds, exact statements."""
