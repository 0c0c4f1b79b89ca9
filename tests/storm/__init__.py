"""The whole service under strikes: quick kilns, a crowd that orders, what strikes, and what must hold afterwards."""
