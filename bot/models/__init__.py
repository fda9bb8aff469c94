"""Model services, spoken to through their vendor's SDK. The inside knows them as `graphs.agent.talk.Talker`."""
