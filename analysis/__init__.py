"""Growth, share, concentration and scenario models: frames in, frozen results out."""
