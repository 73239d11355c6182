"""Time-series methods: each continues the rows of a batch from what came last."""
