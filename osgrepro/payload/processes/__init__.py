"""The processes of an attempt: started, listened to, ended with all they started."""
