"""The database backend that keeps every statement inside the business it was meant for."""
