"""How the app is served: who is let in, whether it is well, where it listens, how it ends"""
