"""Mail as such: composing a letter and handing it to a server. It knows no noun of the product."""
