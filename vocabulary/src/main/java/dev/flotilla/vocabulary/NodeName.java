package dev.flotilla.vocabulary;

/** The name of a node: one DNS label in lower case (RFC 1035, section 2.3.1), so that it can stand in names and paths. */
public record NodeName(String value) implements Comparable<NodeName> {
    public NodeName {
        DnsLabel.check("node", value);
    }

    @Override
    public int compareTo(NodeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
