package dev.flotilla.mirror.upstream;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Which addresses lie in the public internet (the registries of RFC 6890). */
final class AddressRule {
    private AddressRule() {}

    /** Whether {@code address} is public: not loopback, link-local, private, shared, multicast or reserved. */
    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] raw = address.getAddress();
        return address instanceof Inet6Address ? isPublicV6(raw) : isPublicV4(raw, 0);
    }

    private static boolean isPublicV4(byte[] raw, int from) {
        int first = raw[from] & 0xff;
        int second = raw[from + 1] & 0xff;
        int third = raw[from + 2] & 0xff;
        boolean privateUse = first == 10
                || (first == 172 && (second & 0xf0) == 16)
                || (first == 192 && second == 168)
                || (first == 100 && (second & 0xc0) == 64);
        boolean local = first == 0 || first == 127 || (first == 169 && second == 254);
        boolean special = (first == 192 && second == 0 && (third == 0 || third == 2))
                || (first == 198 && (second & 0xfe) == 18)
                || (first == 198 && second == 51 && third == 100)
                || (first == 203 && second == 0 && third == 113)
                || first >= 224;
        return !privateUse && !local && !special;
    }

    /** Only what is allocated as global unicast, and of that nothing which wraps a version 4 address or is documentation. */
    private static boolean isPublicV6(byte[] raw) {
        boolean globalUnicast = (raw[0] & 0xe0) == 0x20;
        boolean nat64 = raw[0] == 0 && raw[1] == 0x64 && raw[2] == (byte) 0xff && raw[3] == (byte) 0x9b;
        if (nat64) {
            return isPublicV4(raw, 12);
        }
        boolean sixToFour = raw[0] == 0x20 && raw[1] == 0x02;
        boolean teredo = raw[0] == 0x20 && raw[1] == 0x01 && raw[2] == 0 && raw[3] == 0;
        boolean documentation = raw[0] == 0x20 && raw[1] == 0x01 && raw[2] == 0x0d && raw[3] == (byte) 0xb8;
        return globalUnicast && !sixToFour && !teredo && !documentation;
    }
}
