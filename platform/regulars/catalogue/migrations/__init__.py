"""The tables of the catalogue as they grew."""
