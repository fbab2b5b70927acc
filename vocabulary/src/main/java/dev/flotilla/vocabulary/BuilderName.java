package dev.flotilla.vocabulary;

/** The name of a machine that builds wheels: lower-case letters, digits and {@code -}, as nodes have it. */
public record BuilderName(String value) implements Comparable<BuilderName> {
    public BuilderName {
        DnsLabel.check("builder", value);
    }

    @Override
    public int compareTo(BuilderName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
