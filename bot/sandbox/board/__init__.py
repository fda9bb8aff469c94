"""What the smaller local trackers have in common: tickets and what people do with them, a server, webhooks.

`model` is the data, `board` what can happen to it, `hooks` sends deliveries, `local` serves a vendor's face of it.
A vendor's package beside this one adds its routes, its JSON and its signatures. Stands alone.
"""
