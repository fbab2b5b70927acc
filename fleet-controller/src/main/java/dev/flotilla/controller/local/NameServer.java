package dev.flotilla.controller.local;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Asks one name server for addresses, over UDP, as clients do. Thread-safe. */
final class NameServer {
    private final InetSocketAddress address;
    private final Duration patience;

    NameServer(InetSocketAddress address, Duration patience) {
        this.address = address;
        this.patience = patience;
    }

    InetSocketAddress address() {
        return address;
    }

    /** The addresses of {@code name} in order of their text; nothing where the server gave no answer. */
    Optional<List<String>> ask(String name) {
        try {
            var resolver = new SimpleResolver(address);
            resolver.setTimeout(patience);
            Message answer =
                    resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN)));
            return Optional.of(answer.getSection(Section.ANSWER).stream()
                    .filter(ARecord.class::isInstance)
                    .map(record -> ((ARecord) record).getAddress().getHostAddress())
                    .sorted()
                    .toList());
        } catch (IOException silent) {
            return Optional.empty();
        }
    }
}
