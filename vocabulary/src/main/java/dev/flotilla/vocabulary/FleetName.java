package dev.flotilla.vocabulary;

/** The name of a fleet: one DNS label in lower case (RFC 1035, section 2.3.1), so that it can stand in names and paths. */
public record FleetName(String value) implements Comparable<FleetName> {
    public FleetName {
        DnsLabel.check("fleet", value);
    }

    @Override
    public int compareTo(FleetName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
