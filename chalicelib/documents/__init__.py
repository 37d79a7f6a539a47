"""What mails and pages both hand out: the .ics and the QR ticket."""
