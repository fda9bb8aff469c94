"""Old tickets in Message Batches: sent once, waited for, read by name; resumable at any moment."""
