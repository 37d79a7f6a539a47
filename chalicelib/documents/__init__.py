"""Files that people get: the calendar entry (.ics), the QR ticket and the spreadsheet (.csv)."""
