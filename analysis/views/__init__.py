"""Results in, figures out: charts and maps."""
