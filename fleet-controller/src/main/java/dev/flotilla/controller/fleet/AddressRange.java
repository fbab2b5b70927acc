package dev.flotilla.controller.fleet;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * Addresses that begin with the same bits, as RFC 4632 (section 3.1) and RFC 4291 (section 2.3) write them: {@code 192.0.2.0/24}, {@code 2001:db8::/32}; one
 * address alone has no length.
 *
 * @param first the first of them
 * @param length how many bits are the same, 0 to 32 or 128
 */
public record AddressRange(InetAddress first, int length) {
    public AddressRange {
        byte[] bits = first.getAddress();
        if (length < 0 || length > bits.length * Byte.SIZE) {
            throw new IllegalArgumentException("an address has no " + length + " bits");
        }
        byte[] masked = bits.clone();
        for (int bit = length; bit < bits.length * Byte.SIZE; bit++) {
            masked[bit / Byte.SIZE] &= (byte) ~(1 << (Byte.SIZE - 1 - bit % Byte.SIZE));
        }
        if (!Arrays.equals(bits, masked)) {
            throw new IllegalArgumentException("it begins in the midst of a range");
        }
    }

    /** Parses a range or an address; {@link IllegalArgumentException} says what would have been right. */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        try {
            InetAddress first = literal(slash < 0 ? text : text.substring(0, slash));
            int all = first.getAddress().length * Byte.SIZE;
            String length = slash < 0 ? Integer.toString(all) : text.substring(slash + 1);
            return new AddressRange(first, length.matches("[0-9]{1,3}") ? Integer.parseInt(length) : -1);
        } catch (IllegalArgumentException invalid) {
            throw new IllegalArgumentException(
                    "'" + text
                            + "' is no range of addresses: write one as in 192.0.2.0/24, 2001:db8::/32 or 192.0.2.7, with zeros behind its length, and no name of a host",
                    invalid);
        }
    }

    private static InetAddress literal(String text) {
        if (text.indexOf('%') >= 0
                || text.indexOf('[') >= 0
                || (text.indexOf(':') < 0 && text.split("\\.", -1).length != 4)) {
            throw new IllegalArgumentException(text);
        }
        return InetAddress.ofLiteral(text);
    }

    /** A single address of it all. */
    public static AddressRange of(InetAddress address) {
        return new AddressRange(address, address.getAddress().length * Byte.SIZE);
    }

    public boolean isIpv6() {
        return first instanceof Inet6Address;
    }

    @Override
    public String toString() {
        return first.getHostAddress() + "/" + length;
    }
}
