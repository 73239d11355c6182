"""Networks, cities, contracts, the record and the illustrative market."""
