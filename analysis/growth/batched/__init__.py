"""Nonlinear least squares of many series at once."""
