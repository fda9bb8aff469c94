"""The team's rules as data: layers, owners, approval, labels, and the Cedar rules of who may do what."""
