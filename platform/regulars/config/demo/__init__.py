"""The whole product on one machine with nothing installed: `make demo`."""
