package dev.flotilla.controller.local.route53;

import java.util.Arrays;
import java.util.Optional;
import org.xbill.DNS.Type;

/** The record types that the stand-in keeps and answers (Developer Guide, "Supported DNS record types"). */
enum RecordType {
    A(Type.A),
    AAAA(Type.AAAA),
    CAA(Type.CAA),
    CNAME(Type.CNAME),
    MX(Type.MX),
    NS(Type.NS),
    PTR(Type.PTR),
    SOA(Type.SOA),
    SRV(Type.SRV),
    TXT(Type.TXT);

    private final int code;

    RecordType(int code) {
        this.code = code;
    }

    static Optional<RecordType> named(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }

    static Optional<RecordType> coded(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    /** The number of the type in DNS messages. */
    int code() {
        return code;
    }
}
