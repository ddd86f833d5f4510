"""A month without a nought before it: 6月22日, as the day with its year has it."""

MONTH_DAY_FORMAT = "n月j日"
