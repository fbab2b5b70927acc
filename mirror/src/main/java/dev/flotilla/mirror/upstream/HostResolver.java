package dev.flotilla.mirror.upstream;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.util.List;

/** Finds the addresses of a host. Safe for use from any thread. */
public interface HostResolver {
    /** The addresses of {@code host}, a name or an address itself, at least one; fails where there is none. */
    Future<List<InetAddress>> resolve(String host);

    /** The resolver of the system, asked on {@code worker} since it blocks. The JVM remembers answers for 30 s. */
    static HostResolver system(WorkerExecutor worker) {
        return host -> worker.executeBlocking(() -> InetAddress.getAllByName(host), false)
                .map(List::of);
    }
}
