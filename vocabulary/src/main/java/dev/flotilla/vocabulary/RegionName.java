package dev.flotilla.vocabulary;

/** The name of a region: one DNS label in lower case (RFC 1035, section 2.3.1), so that it can stand in names and paths. */
public record RegionName(String value) implements Comparable<RegionName> {
    public RegionName {
        DnsLabel.check("region", value);
    }

    @Override
    public int compareTo(RegionName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
