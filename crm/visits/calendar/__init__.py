"""The calendar: visits, tasks and the days of leads, week by week, here and on people's phones."""
