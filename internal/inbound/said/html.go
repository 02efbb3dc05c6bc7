package said

func flatten(html string) []line { return split(html) }
