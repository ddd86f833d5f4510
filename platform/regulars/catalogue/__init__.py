"""The catalogue: what the business sells, what it costs for whom, and who buys to sell on."""
