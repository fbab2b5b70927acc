package dev.flotilla.controller.local.route53;

import java.net.Inet6Address;
import java.net.InetAddress;

/** Tells addresses that checkers on the Internet can reach from those that they can't (RFC 6890, RFC 4193, RFC 4291). */
final class ReachableAddresses {
    private ReachableAddresses() {}

    static boolean isPublic(InetAddress address) {
        boolean special = address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress();
        return !special && !(address instanceof Inet6Address ? isReservedV6(address) : isReservedV4(address));
    }

    private static boolean isReservedV4(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        int third = bytes[2] & 0xff;
        boolean sharedSpace = first == 100 && second >= 64 && second <= 127;
        boolean protocolAssignments = first == 192 && second == 0 && third == 0;
        boolean documentation = (first == 192 && second == 0 && third == 2)
                || (first == 198 && second == 51 && third == 100)
                || (first == 203 && second == 0 && third == 113);
        boolean benchmarking = first == 198 && (second == 18 || second == 19);
        return first == 0 || first >= 240 || sharedSpace || protocolAssignments || documentation || benchmarking;
    }

    private static boolean isReservedV6(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        boolean uniqueLocal = (first & 0xfe) == 0xfc;
        boolean documentation =
                first == 0x20 && bytes[1] == 0x01 && (bytes[2] & 0xff) == 0x0d && (bytes[3] & 0xff) == 0xb8;
        return uniqueLocal || documentation;
    }
}
