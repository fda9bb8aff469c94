"""The scheduler role. (In the making.)"""
