"""THE DESK: the practice till: a small Stripe with a memory, in a process of its own. No money moves.

Local mode pays here, and so do the tests. It knows the few endpoints that billing/stripe_api.py calls, and refuses
loudly what it cannot play. ostagram/till.py is its door.
"""
