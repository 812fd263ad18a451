"""What each lecture owns: explorers, quiz, plan, records. No lecture knows another."""
