package dev.flotilla.mirror.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/** Finds the addresses of a host. Safe for use from any thread. */
public interface HostResolver {
    /** The addresses of {@code host}, a name or an address itself, at least one; fails where there is none. */
    Future<List<InetAddress>> resolve(String host);

    /**
     * The resolver of the system, asked on {@code worker} since it blocks. The JVM remembers answers for 30 s; what it said is
     * remembered here for 10 s more, so that most requests need no turn of a worker. That a host isn't found is asked anew each time.
     */
    static HostResolver system(WorkerExecutor worker) {
        Cache<String, List<InetAddress>> known = Caffeine.newBuilder()
                .maximumSize(1_000)
                .expireAfterWrite(Duration.ofSeconds(10))
                .executor(Runnable::run)
                .build();
        return host -> {
            List<InetAddress> addresses = known.getIfPresent(host);
            return addresses == null
                    ? worker.executeBlocking(() -> InetAddress.getAllByName(host), false)
                            .map(List::of)
                            .onSuccess(found -> known.put(host, found))
                    : Future.succeededFuture(addresses);
        };
    }
}
