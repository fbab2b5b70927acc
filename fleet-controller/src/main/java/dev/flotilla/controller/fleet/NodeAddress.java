package dev.flotilla.controller.fleet;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * The address under which clients and health checkers reach a node: an IPv4 or IPv6 literal (RFC 4291, section 2.2), never
 * a host name, so that nothing has to be resolved while DNS is what is being repaired.
 */
public record NodeAddress(InetAddress address) implements Comparable<NodeAddress> {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    public NodeAddress {
        if (address.isAnyLocalAddress() || address.isMulticastAddress() || isBroadcast(address)) {
            throw new IllegalArgumentException(
                    "'" + address.getHostAddress() + "' is the address of no single machine");
        }
    }

    /** Parses a literal; {@link IllegalArgumentException} says what would have been right. */
    public static NodeAddress parse(String text) {
        boolean plausible = text.indexOf(':') >= 0
                ? text.indexOf('%') < 0 && text.indexOf('[') < 0
                : IPV4.matcher(text).matches();
        if (plausible) {
            try {
                return new NodeAddress(InetAddress.ofLiteral(text));
            } catch (IllegalArgumentException invalid) {
                if (String.valueOf(invalid.getMessage()).endsWith("single machine")) {
                    throw invalid;
                }
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no IP address: write one as in 192.0.2.10 or 2001:db8::10, not a host name");
    }

    public boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /** The address as it stands in a URL: IPv6 in brackets (RFC 3986, section 3.2.2). */
    public String inUrl() {
        return isIpv6() ? "[" + this + "]" : toString();
    }

    @Override
    public int compareTo(NodeAddress other) {
        return toString().compareTo(other.toString());
    }

    /** The literal; IPv6 in its full form without leading zeros. */
    @Override
    public String toString() {
        return address.getHostAddress();
    }

    private static boolean isBroadcast(InetAddress address) {
        return address.getHostAddress().equals("255.255.255.255");
    }
}
