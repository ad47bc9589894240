"""The register of people: identity, names, languages, residence, contact points, non-disclosure. No urls, no policy."""
