"""Shifts: a drawer is opened with a float, cash is put in and taken out, and at the end it is counted."""
