"""The catalogue in the back office: products, price books and dealers."""
