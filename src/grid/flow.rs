//! Maximum flow by blocking flows on level graphs (Dinic 1970), able to go on after arcs were added.

#[derive(Debug, Clone, Copy)]
struct Arc {
    to: u32,
    room: i64,
}

/// A network of arcs with whole capacities; arc `2k` runs against arc `2k + 1`.
#[derive(Debug)]
pub(super) struct Network {
    arcs: Vec<Arc>,
    out: Vec<Vec<u32>>,
    level: Vec<u32>,
    next: Vec<u32>,
}

impl Network {
    /// Nodes and no arcs.
    pub(super) fn new(nodes: usize) -> Network {
        Network {
            arcs: Vec::new(),
            out: vec![Vec::new(); nodes],
            level: vec![0; nodes],
            next: vec![0; nodes],
        }
    }

    /// Adds an arc.
    pub(super) fn arc(&mut self, from: usize, to: usize, room: i64) {
        self.out[from].push(self.arcs.len() as u32);
        self.arcs.push(Arc { to: to as u32, room });
        self.out[to].push(self.arcs.len() as u32);
        self.arcs.push(Arc { to: from as u32, room: 0 });
    }

    /// Sends as much more as fits, and says how much.
    pub(super) fn augment(&mut self, source: usize, sink: usize) -> i64 {
        let mut sent = 0;
        while self.mark_levels(source, sink) {
            self.next.fill(0);
            loop {
                let more = self.push(source, sink, i64::MAX);
                if more == 0 {
                    break;
                }
                sent += more;
            }
        }
        sent
    }

    /// Nodes the source still reaches: its side of a minimum cut.
    pub(super) fn source_side(&mut self, source: usize) -> Vec<bool> {
        self.mark_levels(source, usize::MAX);
        self.level.iter().map(|l| *l != u32::MAX).collect()
    }

    fn mark_levels(&mut self, source: usize, sink: usize) -> bool {
        self.level.fill(u32::MAX);
        self.level[source] = 0;
        let mut queue = vec![source as u32];
        let mut head = 0;
        while let Some(node) = queue.get(head).copied() {
            head += 1;
            for k in &self.out[node as usize] {
                let arc = self.arcs[*k as usize];
                if arc.room > 0 && self.level[arc.to as usize] == u32::MAX {
                    self.level[arc.to as usize] = self.level[node as usize] + 1;
                    queue.push(arc.to);
                }
            }
        }
        self.level.get(sink).is_some_and(|l| *l != u32::MAX)
    }

    /// One path in the level graph; its depth is at most the number of levels.
    fn push(&mut self, node: usize, sink: usize, most: i64) -> i64 {
        if node == sink {
            return most;
        }
        while let Some(k) = self.out[node].get(self.next[node] as usize).copied() {
            let arc = self.arcs[k as usize];
            if arc.room > 0 && self.level[arc.to as usize] == self.level[node] + 1 {
                let sent = self.push(arc.to as usize, sink, most.min(arc.room));
                if sent > 0 {
                    self.arcs[k as usize].room -= sent;
                    self.arcs[k as usize ^ 1].room += sent;
                    return sent;
                }
            }
            self.next[node] += 1;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_grows_when_an_arc_is_added_and_the_cut_names_the_bottleneck() {
        let mut network = Network::new(4);
        network.arc(0, 2, 5);
        network.arc(2, 3, 3);
        network.arc(3, 1, 9);
        assert_eq!(network.augment(0, 1), 3);
        assert_eq!(network.source_side(0), [true, false, true, false]);
        network.arc(2, 1, 1);
        assert_eq!(network.augment(0, 1), 1);
        assert_eq!(network.source_side(0), [true, false, true, false]);
    }
}
