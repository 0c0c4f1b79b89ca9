"""THE FRAME: how often things may be done: times / minute or day, by person and by address."""

from ostagram import env


def table() -> dict[str, str]:
    """What people/limits.py counts."""
    return {
        "upload": env.text("RATE_UPLOAD", "20/m/user,60/m/ip"),
        "like": env.text("RATE_LIKE", "60/m/user,240/m/ip"),
        "comment": env.text("RATE_COMMENT", "6/m/user,30/m/ip"),
        "follow": env.text("RATE_FOLLOW", "30/m/user,120/m/ip"),
        "report": env.text("RATE_REPORT", "6/m/user,12/m/ip"),
        "data": "4/m/user,20/m/ip",
        "leave": "6/m/user,20/m/ip",  # passwords are tried there
    }


def of_accounts() -> dict[str, str]:
    """What allauth counts by itself."""
    return {
        "signup": env.text("RATE_SIGNUP", "10/m/ip,200/d/ip"),
        "request_login_code": "20/m/ip,3/m/key,10/h/key",  # a key is an address: nobody's box is flooded
    }
